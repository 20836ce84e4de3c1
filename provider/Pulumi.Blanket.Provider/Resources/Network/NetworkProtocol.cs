using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Pulumi.Blanket.Provider.Resources.Network;

[Description("A transport protocol.")]
[JsonConverter(typeof(JsonStringEnumConverter<NetworkProtocol>))]
internal enum NetworkProtocol
{
    [Description("TCP.")]
    [JsonStringEnumMemberName("tcp")]
    Tcp,

    [Description("UDP.")]
    [JsonStringEnumMemberName("udp")]
    Udp,
}
