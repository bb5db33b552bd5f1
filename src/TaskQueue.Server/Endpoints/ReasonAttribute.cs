using System.ComponentModel.DataAnnotations;

namespace TaskQueue.Server;

/// <summary>The parameter in which an operator says why, for the queue's log; see <see cref="CallOperations"/>.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
internal sealed class ReasonAttribute : MaxLengthAttribute
{
    private const int LongestReason = 1000;

    public ReasonAttribute()
        : base(LongestReason) => ErrorMessage = "{0} has at most {1} characters.";
}
