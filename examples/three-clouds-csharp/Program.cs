// One fabric over three clouds, a network that spans them, and a virtual machine in each.
//
// The namespace Pulumi.Blanket is made from the plugin; PLUGIN is the path of pulumi-resource-blanket, which `make provider` puts into bin/:
//
//   pulumi package add PLUGIN       # writes sdks/blanket, and adds it to the project and Pulumi.yaml
//   pulumi stack init dev
//   pulumi config set aws 203.0.113.10
//   pulumi config set gcp 198.51.100.20
//   pulumi config set onprem 192.0.2.30
//   pulumi config set --secret key < ~/.ssh/id_ed25519
//   pulumi config set image ./debian-12-genericcloud-amd64.qcow2
//   pulumi up
using Pulumi;
using Blanket = Pulumi.Blanket;

return await Deployment.RunAsync(() =>
{
    var config = new Config();
    var user = config.Get("user") ?? "root";
    var privateKey = config.RequireSecret("key");
    var vcpusPerCore = config.GetDouble("vcpusPerCore") ?? 4;

    // Hosts: machines that get the layer, each in a cloud of its own.
    Blanket.Host MakeHost(string cloud) => new($"{cloud}-1", new()
    {
        Name = $"{cloud}-1",
        Cloud = cloud,
        Address = config.Require(cloud),
        User = user,
        PrivateKey = privateKey,
        Oversubscription = new Blanket.Inputs.OversubscriptionArgs { Cpu = vcpusPerCore },
    });

    // The fabric makes them one: the same layer, CPU and machine type everywhere, and an encrypted mesh between them.
    var blue = new Blanket.Fabric("blue", new()
    {
        Name = "blue",
        Hosts = { MakeHost("aws").Connection, MakeHost("gcp").Connection, MakeHost("onprem").Connection },
    });

    var lan = new Blanket.Network("lan", new() { Name = "lan", Fabric = blue.Connection, Cidr = "10.60.0.0/24" });
    var image = new Blanket.Image("base", new() { Name = "base", Fabric = blue.Connection, Source = config.Require("image") });

    // A key pair to log in to the virtual machines with, and what each of them is told at its first boot.
    var login = new Blanket.SshKey("login", new() { Name = "login" });
    var userData = Output.Format($"#cloud-config\nssh_authorized_keys:\n  - {login.PublicKey}\n");

    // Virtual machines. Each keeps its address wherever it is.
    Blanket.VirtualMachine MakeMachine(string name, string host, string address, Blanket.Inputs.VirtualMachineDiskArgs disk) => new(name, new()
    {
        Name = name,
        Fabric = blue.Connection,
        Host = host,
        MemoryMiB = 128,
        Disks = { disk },
        Networks = { new Blanket.Inputs.VirtualMachineNetworkArgs { Network = lan.Id, Address = address } },
        CloudInit = new Blanket.Inputs.VirtualMachineCloudInitArgs { UserData = userData },
    });

    static Output<string> Tell(Blanket.VirtualMachine machine)
        => Output.Format($"{machine.Name} is {machine.State} on {machine.Location}, at {machine.Addresses.Apply(addresses => addresses.FirstOrDefault())}");

    return new Dictionary<string, object?>
    {
        ["members"] = blue.Members,
        ["loginKey"] = login.PrivateKey,
        ["web"] = Tell(MakeMachine("web", "aws-1", "10.60.0.11", new() { Image = image.Id })),
        ["db"] = Tell(MakeMachine("db", "gcp-1", "10.60.0.12", new() { Image = image.Id, SizeGiB = 1 })),
        ["ci"] = Tell(MakeMachine("ci", "onprem-1", "10.60.0.13", new() { Image = image.Id })),
    };
});
