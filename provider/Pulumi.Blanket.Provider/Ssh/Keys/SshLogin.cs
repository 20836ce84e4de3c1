using Renci.SshNet;

namespace Pulumi.Blanket.Provider.Ssh.Keys;

/// <summary>Credentials, made ready for one login.</summary>
internal sealed class SshLogin : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    private SshLogin()
    {
    }

    /// <summary>In the order in which they are tried.</summary>
    public AuthenticationMethod[] Methods { get; private set; } = [];

    /// <exception cref="SshException">The key can't be used, or the agent is all there is and can't be used.</exception>
    public static SshLogin Create(SshTarget target)
    {
        SshLogin login = new();
        try
        {
            login.Methods = [.. login.MethodsFor(target.User, target.Credentials)];
            return login;
        }
        catch
        {
            login.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var owned in _owned)
        {
            owned.Dispose();
        }
    }

    private IEnumerable<AuthenticationMethod> MethodsFor(string user, SshCredentials credentials)
    {
        List<IPrivateKeySource> keys = [];
        if (credentials.PrivateKey is { } text)
        {
            keys.Add(Own(SshPrivateKey.Parse(text, credentials.PrivateKeyPassword)));
        }

        if (credentials.AgentSocket is { } socket)
        {
            keys.AddRange(AgentKeys(socket, isAllThereIs: credentials.PrivateKey is null && credentials.Password is null));
        }

        if (keys.Count > 0)
        {
            yield return Own(new PrivateKeyAuthenticationMethod(user, [.. keys]));
        }

        if (credentials.Password is { } password)
        {
            yield return Own(new PasswordAuthenticationMethod(user, password));
            var interactive = Own(new KeyboardInteractiveAuthenticationMethod(user));
            interactive.AuthenticationPrompt += (_, e) =>
            {
                // What may not be shown while it is typed is the password; a code, say, is not ours to know.
                foreach (var prompt in e.Prompts)
                {
                    prompt.Response = prompt.IsEchoed ? "" : password;
                }
            };
            yield return interactive;
        }
    }

    private static IReadOnlyList<SshAgentKey> AgentKeys(string socket, bool isAllThereIs)
    {
        try
        {
            var keys = new SshAgentClient(socket).ListKeys();
            return keys.Count > 0 || !isAllThereIs
                ? keys
                : throw new SshException(SshFailure.SshAgentUnavailable, $"the SSH agent at {socket} holds no key that can log in; add one with `ssh-add`, or give a private key or password");
        }
        catch (SshException) when (!isAllThereIs)
        {
            return [];
        }
    }

    private T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }
}
