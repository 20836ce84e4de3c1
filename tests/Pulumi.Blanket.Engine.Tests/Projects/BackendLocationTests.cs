using Pulumi.Blanket.Engine.Projects;
using Pulumi.Blanket.Engine.Tests.Support;
using Pulumi.Blanket.Files;

namespace Pulumi.Blanket.Engine.Tests.Projects;

/// <summary>The states are where the environment, the project or a login says, in this order.</summary>
public sealed class BackendLocationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);

    public BackendLocationTests() => _variables["HOME"] = _folder["home"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("file:///srv/states", "/srv/states")]
    [InlineData("file:///srv/states/../other?no_tmp_dir=true", "/srv/other")]
    [InlineData("file://./state", "work/state")]
    [InlineData("file://state", "work/state")]
    [InlineData("file://.", "work")]
    [InlineData("file://", "work")]
    [InlineData("file://~", "home")]
    [InlineData("file://~/states", "home/states")]
    public void The_environment_names_a_folder(string url, string expected)
    {
        _variables[BackendLocation.Variable] = url;
        Assert.Equal(new BackendLocation(_folder[expected], BackendLocation.Variable), Find(Project("file:///elsewhere")));
    }

    [Theory]
    [InlineData("s3://bucket/with-a-key?secret=hunter2", "s3://…")]
    [InlineData("https://api.example.com", "https://…")]
    [InlineData("/srv/states", "'/srv/states'")]
    public void What_is_not_in_files_is_refused_in_words(string url, string shown)
    {
        _variables[BackendLocation.Variable] = url;
        var fault = Assert.Throws<EngineException>(() => Find(null));
        Assert.Equal(EngineFailure.InvalidInput, fault.Reason);
        Assert.Equal($"{BackendLocation.Variable} keeps states at {shown}, and this command keeps them in files only; give it as file://<folder>, or use Pulumi", fault.Message);
        _variables.Remove(BackendLocation.Variable);
        Assert.StartsWith(_folder["project/Pulumi.yaml"], Assert.Throws<EngineException>(() => Find(Project(url))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_project_names_a_folder_from_where_it_is()
    {
        Login("file:///elsewhere");
        _variables[BackendLocation.Variable] = "";
        Assert.Equal(new BackendLocation(_folder["project/state"], _folder["project/Pulumi.yaml"]), Find(Project("file://./state")));
    }

    [Fact]
    public void A_login_is_found_where_Pulumi_notes_it()
    {
        Login("file:///srv/states");
        Assert.Equal(new BackendLocation("/srv/states", _folder["home/.pulumi/credentials.json"]), Find(Project(null)));
        _variables["PULUMI_HOME"] = _folder["other"];
        Assert.Equal(_folder["home"], Find(null).Folder);
        _variables["PULUMI_CREDENTIALS_PATH"] = _folder["home/.pulumi"];
        Assert.Equal("/srv/states", Find(null).Folder);
        Login("file://~");
        Assert.Equal(_folder["home"], Find(null).Folder);
    }

    [Fact]
    public void A_login_to_a_service_says_nothing_of_files_but_one_to_a_bucket_does()
    {
        Login("https://api.example.com");
        Assert.Equal(new BackendLocation(_folder["home"], "the default"), Find(null));
        Login("gs://bucket");
        Assert.Contains("keeps states at gs://…", Assert.Throws<EngineException>(() => Find(null)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", true)]
    [InlineData("[]", true)]
    [InlineData("{\"current\":5,\"accessTokens\":{\"x\":\"pul-hunter2\"}}", true)]
    [InlineData("{\"current\":null}", false)]
    [InlineData("{}", false)]
    public void A_note_that_is_broken_is_said_without_its_tokens(string text, bool isBroken)
    {
        Directory.CreateDirectory(_folder["home/.pulumi"]);
        File.WriteAllText(_folder["home/.pulumi/credentials.json"], text);
        if (!isBroken)
        {
            Assert.Equal(_folder["home"], Find(null).Folder);
            return;
        }

        var fault = Assert.Throws<EngineException>(() => Find(null));
        Assert.Contains("credentials.json", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_any_of_them_it_is_the_users_home()
        => Assert.Equal(new BackendLocation(_folder["home"], "the default"), Find(Project(null)));

    private BackendLocation Find(Project? project) => BackendLocation.Find(project, _folder["work"], name => _variables.GetValueOrDefault(name));

    private Project Project(string? url) => new() { File = _folder["project/Pulumi.yaml"], Name = "shop", BackendUrl = url };

    private void Login(string url)
    {
        Directory.CreateDirectory(_folder["home/.pulumi"]);
        File.WriteAllText(_folder["home/.pulumi/credentials.json"], $$"""{"current":"{{url}}","accessTokens":{"{{url}}":""} }""");
    }
}
