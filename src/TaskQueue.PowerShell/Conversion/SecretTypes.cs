using System.Management.Automation;
using System.Net;
using System.Security;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace TaskQueue.PowerShell;

/// <summary>
/// Knows secrets by their types. A queue is read by many and kept for long: no secret may get into one by being a property of something
/// else.
/// </summary>
internal static partial class SecretTypes
{
    /// <summary>True for a password, a credential, a key, or an object whose type says that it is a token.</summary>
    public static bool Holds(object value) => (value is PSObject wrapped ? wrapped.BaseObject : value) switch
    {
        SecureString or PSCredential or ICredentials or AsymmetricAlgorithm or SymmetricAlgorithm or KeyedHashAlgorithm => true,
        Enum or CancellationToken => false,
        // Custom objects and what crossed a job's boundary have only names of types. What was selected of an object has its name in front.
        _ => PSObject.AsPSObject(value).TypeNames.Any(
            name => !name.StartsWith("Selected.", StringComparison.Ordinal) && SecretName().IsMatch(name)),
    };

    // Tokens of parsers are no secrets; CancellationToken stands above.
    [GeneratedRegex(
        @"(SecureString|Credentials?|Secret|AuthenticationResult|AuthenticationHeaderValue|(?<!\.Language\.|\.J|Syntax|Change)Token)$",
        RegexOptions.CultureInvariant)]
    private static partial Regex SecretName();
}
