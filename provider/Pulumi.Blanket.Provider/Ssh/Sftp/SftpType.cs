namespace Pulumi.Blanket.Provider.Ssh.Sftp;

/// <summary>Packet types of SFTP version 3 (draft-ietf-secsh-filexfer-02, section 3), those that are used here.</summary>
internal enum SftpType : byte
{
    Init = 1,
    Version = 2,
    Open = 3,
    Close = 4,
    Read = 5,
    Write = 6,
    SetFileStatus = 10,
    Remove = 13,
    MakeDirectory = 14,
    RemoveDirectory = 15,
    Stat = 17,
    Rename = 18,
    Status = 101,
    Handle = 102,
    Data = 103,
    Attributes = 105,
    Extended = 200,
}
