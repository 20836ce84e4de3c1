using Pulumi.Blanket.Lab.Guest;

// Started by the guest's init after the drivers are loaded. Order matters: a seed names the machine and its
// addresses, the service needs the network, and the ready line promises that the service answers.
Randomness.Credit();
Drivers.LoadForControllers();
var seed = Seed.Find();
var disk = DataDisk.Mount();
var addresses = Network.Configure(seed);
seed?.InstallKeys();
Busybox.Start("/usr/sbin/dropbear", "-s", "-R"); // its key is made when somebody first asks for it

var counters = new Counters(disk);
counters.Start();
var heartbeat = new Heartbeat(counters);
heartbeat.Start();
using var service = new GuestService(counters, new MemoryLoad(), new DiskLoad(disk), heartbeat);
service.Start();

Console.WriteLine($"blanket guest ready: {Environment.MachineName} {string.Join(' ', addresses)}");
service.Serve();
