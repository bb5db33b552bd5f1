using System.Text;

namespace TaskQueue;

/// <summary>The bounds of a task's fields, each with the error that names it.</summary>
public static class TaskRules
{
    /// <summary>Priorities run from 1, first, to 10, last: the range of the original's HTTP routes.</summary>
    public const int LowestPriorityNumber = 1;

    /// <inheritdoc cref="LowestPriorityNumber"/>
    public const int HighestPriorityNumber = 10;

    /// <summary>Ids and types are names: long enough for a path or a URI, short enough for an index.</summary>
    public const int LongestName = 1024;

    /// <summary>100 MiB of UTF-8: far above what a queue should carry, far below SQLite's own 1 GB.</summary>
    public const int LargestData = 100 * 1024 * 1024;

    /// <summary>Far from the end of an integer, so that counting on never overflows.</summary>
    public const int LargestCount = 1_000_000_000;

    public static void CheckProgress(double? progress)
    {
        if (progress is not (null or (>= 0 and <= 100)))
        {
            throw new TaskValidationException(
                $"Progress {progress} is out of range.", "Give 0 to 100 per cent, or leave it out.") { Field = nameof(QueueTask.Progress) };
        }
    }

    public static void CheckId(string? id) => CheckName(id, nameof(NewTask.Id));

    public static void CheckType(string? type) => CheckName(type, nameof(NewTask.Type));

    public static void CheckPriority(int priority)
    {
        if (priority is < LowestPriorityNumber or > HighestPriorityNumber)
        {
            throw new TaskValidationException(
                $"Priority {priority} is out of range.", $"Give {LowestPriorityNumber} (runs first) to {HighestPriorityNumber}.")
            {
                Field = nameof(NewTask.Priority),
            };
        }
    }

    public static void CheckMaxRetries(int maxRetries)
    {
        if (maxRetries < 0)
        {
            throw new TaskValidationException(
                $"MaxRetries {maxRetries} is negative.", "Give 0 for no retries, or more.") { Field = nameof(NewTask.MaxRetries) };
        }
    }

    /// <summary>True if the text is JSON that this product can read back.</summary>
    public static bool IsReadableJson(string text) => JsonText.IsReadable(text);

    public static void CheckJson(string? json, string field)
    {
        if (json is null)
        {
            return;
        }

        var bytes = Encoding.UTF8.GetByteCount(json);
        if (bytes > LargestData)
        {
            throw new TaskValidationException(
                $"{field} has {bytes:N0} bytes; the limit is {LargestData:N0}.",
                "Store the content elsewhere and give the task its location.")
            {
                Field = field,
            };
        }

        if (JsonText.FaultIn(json) is { } fault)
        {
            throw new TaskValidationException($"{field} is not readable JSON: it is wrong {fault}.", new Advice.GiveReadableData())
            {
                Field = field,
            };
        }
    }

    private static void CheckName(string? name, string field)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            throw new TaskValidationException($"{field} is empty.", $"Give each task its {field}.") { Field = field };
        }

        if (name.Length > LongestName)
        {
            throw new TaskValidationException(
                $"{field} has {name.Length:N0} characters; the limit is {LongestName:N0}.", $"Use a shorter {field}.") { Field = field };
        }

        if (name.Contains('\0') || name.AsSpan().ContainsLoneSurrogate())
        {
            throw new TaskValidationException(
                $"{field} holds a character that no store can keep (NUL or half of a surrogate pair).",
                $"Use another {field}.") { Field = field };
        }
    }

    /// <summary>True if the text holds half of a surrogate pair: it is no Unicode text, and no encoding can keep it.</summary>
    internal static bool ContainsLoneSurrogate(this ReadOnlySpan<char> text)
    {
        if (text.IndexOfAnyInRange('\uD800', '\uDFFF') < 0)
        {
            return false;
        }

        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out _, out var consumed) != System.Buffers.OperationStatus.Done)
            {
                return true;
            }

            text = text[consumed..];
        }

        return false;
    }
}
