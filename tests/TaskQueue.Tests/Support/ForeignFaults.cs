using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.ExceptionServices;

namespace TaskQueue.Tests;

/// <summary>
/// A store in front of a real one. Each of its members can be made to throw what is none of our errors, as a defect of a driver would.
/// </summary>
internal sealed class ForeignFaults
{
    private readonly ConcurrentDictionary<string, long> _calls = new(StringComparer.Ordinal);
    private volatile string? _broken;
    private volatile bool _isAfterwards;
    private long _thrown;

    public ForeignFaults(ITaskStore store) => Store = Wrap(store, nameof(ITaskStore));

    public ITaskStore Store { get; }

    /// <summary>What has been called so far, by interface and member.</summary>
    public IReadOnlyCollection<string> Called => [.. _calls.Keys];

    /// <summary>How often the present fault was met.</summary>
    public long Thrown => Interlocked.Read(ref _thrown);

    public long Calls(string member) => _calls.GetValueOrDefault(member);

    /// <summary>
    /// Breaks a member; <paramref name="isAfterwards"/> for calls that are carried out, of which only the answer is lost.
    /// </summary>
    public void Break(string member, bool isAfterwards)
    {
        Interlocked.Exchange(ref _thrown, 0);
        _isAfterwards = isAfterwards;
        _broken = member;
    }

    public void Mend() => _broken = null;

    private object? Call(string member, Func<object?> carryOut)
    {
        _calls.AddOrUpdate(member, 1, (_, calls) => calls + 1);
        var isBroken = _broken == member;
        if (isBroken && !_isAfterwards)
        {
            Throw(member);
        }

        var result = carryOut();
        if (isBroken)
        {
            Throw(member);
        }

        return result;
    }

    private void Throw(string member)
    {
        Interlocked.Increment(ref _thrown);
        throw new InvalidOperationException($"{member} is broken.");
    }

    private T Wrap<T>(T target, string name)
        where T : class
    {
        var proxy = DispatchProxy.Create<T, Proxy>();
        ((Proxy)(object)proxy).Begin(this, target, name);
        return proxy;
    }

#pragma warning disable CA1852 // The proxies derive from it.
    private class Proxy : DispatchProxy
#pragma warning restore CA1852
    {
        private ForeignFaults _faults = null!;
        private object _target = null!;
        private string _name = null!;

        public void Begin(ForeignFaults faults, object target, string name) => (_faults, _target, _name) = (faults, target, name);

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            _faults.Call($"{_name}.{targetMethod!.Name}", () => CarryOut(targetMethod, args)) switch
        {
            ITaskStore store => _faults.Wrap(store, nameof(ITaskStore)),
            IWorkerRegistry workers => _faults.Wrap(workers, nameof(IWorkerRegistry)),
            IOperationHistory history => _faults.Wrap(history, nameof(IOperationHistory)),
            var result => result,
        };

        private object? CarryOut(MethodInfo method, object?[]? args)
        {
            try
            {
                return method.Invoke(_target, args);
            }
            catch (TargetInvocationException error)
            {
                ExceptionDispatchInfo.Throw(error.InnerException!);
                throw;
            }
        }
    }
}
