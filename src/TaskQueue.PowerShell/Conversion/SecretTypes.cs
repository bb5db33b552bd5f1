using System.Management.Automation;
using System.Net;
using System.Security;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace TaskQueue.PowerShell;

/// <summary>
/// Recognizes secrets by their types. A queue is read by many and kept for long, so a secret must not get into it as a property of another
/// object.
/// </summary>
internal static partial class SecretTypes
{
    /// <summary>True for a password, a credential, a key, or an object whose type says that it is a token.</summary>
    public static bool Holds(object value) => (value is PSObject wrapped ? wrapped.BaseObject : value) switch
    {
        SecureString or PSCredential or ICredentials or AsymmetricAlgorithm or SymmetricAlgorithm or KeyedHashAlgorithm => true,
        Enum or CancellationToken => false,
        // Custom objects, and objects that crossed a job's boundary, have only names of types. A name that begins with Selected belongs to
        // properties that were selected of an object, not to the object.
        _ => PSObject.AsPSObject(value).TypeNames.Any(
            name => !name.StartsWith("Selected.", StringComparison.Ordinal) && SecretName().IsMatch(name)),
    };

    // Tokens of parsers are not secrets. CancellationToken is excluded above.
    [GeneratedRegex(
        @"(SecureString|Credentials?|Secret|AuthenticationResult|AuthenticationHeaderValue|(?<!\.Language\.|\.J|Syntax|Change)Token)$",
        RegexOptions.CultureInvariant)]
    private static partial Regex SecretName();
}
