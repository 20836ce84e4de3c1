// One fabric over three clouds, a network that spans them, and a virtual machine in each.
//
// The package @pulumi/blanket is made from the plugin; PLUGIN is the path of pulumi-resource-blanket, which `make provider` puts into bin/:
//
//   npm install
//   pulumi package add PLUGIN       # writes sdks/blanket, and adds it to package.json and Pulumi.yaml
//   pulumi stack init dev
//   pulumi config set aws 203.0.113.10
//   pulumi config set gcp 198.51.100.20
//   pulumi config set onprem 192.0.2.30
//   pulumi config set --secret key < ~/.ssh/id_ed25519
//   pulumi config set image ./debian-12-genericcloud-amd64.qcow2
//   pulumi up
import * as pulumi from "@pulumi/pulumi";
import * as blanket from "@pulumi/blanket";

const config = new pulumi.Config();
const user = config.get("user") ?? "root";
const privateKey = config.requireSecret("key");
const oversubscription = { cpu: config.getNumber("vcpusPerCore") ?? 4 };

// Hosts: machines that get the layer, each in a cloud of its own.
const hosts = ["aws", "gcp", "onprem"].map(cloud => new blanket.Host(`${cloud}-1`, {
    name: `${cloud}-1`,
    cloud,
    address: config.require(cloud),
    user,
    privateKey,
    oversubscription,
}));

// The fabric makes them one: the same layer, CPU and machine type everywhere, and an encrypted mesh between them.
const blue = new blanket.Fabric("blue", { name: "blue", hosts: hosts.map(host => host.connection) });

const lan = new blanket.Network("lan", { name: "lan", fabric: blue.connection, cidr: "10.60.0.0/24" });
const base = new blanket.Image("base", { name: "base", fabric: blue.connection, source: config.require("image") });

// A key pair to log in to the virtual machines with, and what each of them is told at its first boot.
const login = new blanket.SshKey("login", { name: "login" });
const userData = pulumi.interpolate`#cloud-config
ssh_authorized_keys:
  - ${login.publicKey}
`;

// Virtual machines. Each keeps its address wherever it is.
function machine(name: string, host: string, address: string, sizeGiB?: number): blanket.VirtualMachine {
    return new blanket.VirtualMachine(name, {
        name,
        fabric: blue.connection,
        host,
        memoryMiB: 128,
        disks: [{ image: base.id, sizeGiB }],
        networks: [{ network: lan.id, address }],
        cloudInit: { userData },
    });
}

function tell(vm: blanket.VirtualMachine): pulumi.Output<string> {
    return pulumi.interpolate`${vm.name} is ${vm.state} on ${vm.location}, at ${vm.addresses[0]}`;
}

export const members = blue.members;
export const loginKey = login.privateKey;
export const web = tell(machine("web", "aws-1", "10.60.0.11"));
export const db = tell(machine("db", "gcp-1", "10.60.0.12", 1));
export const ci = tell(machine("ci", "onprem-1", "10.60.0.13"));
