//! What a command is going to write. Pure: nothing here touches a disk.
