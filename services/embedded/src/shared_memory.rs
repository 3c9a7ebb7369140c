//! The System V segment by which PostgreSQL notices a second server on one directory. A server that was killed
//! leaves it behind, and a removed directory would take the only note of its number with it. Knows nothing else
//! of PostgreSQL.

use std::fs;
use std::path::Path;

/// Removes the segment named in the `postmaster.pid` of a server that is gone. A server that ended in order has
/// removed the file and the segment itself.
pub(crate) fn release(data: &Path) {
    let Ok(note) = fs::read_to_string(data.join("postmaster.pid")) else { return };
    let mut numbers = note.lines().nth(6).unwrap_or_default().split_whitespace();
    let key = numbers.next().and_then(|word| word.parse::<u64>().ok());
    let id = numbers.next().and_then(|word| word.parse::<i32>().ok());
    if let (Some(key), Some(id)) = (key, id) {
        remove(key, id);
    }
}

#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
fn remove(key: u64, id: i32) {
    // SAFETY: shmid_ds is plain numbers, for which all zeros are a value; shmctl fills it and keeps no pointer.
    let (found, segment) = unsafe {
        let mut segment: libc::shmid_ds = std::mem::zeroed();
        (libc::shmctl(id, libc::IPC_STAT, &raw mut segment) == 0, segment)
    };
    // Numbers are used again: only a segment with our key that nobody has attached is the one left behind.
    // The key is a signed number that PostgreSQL prints as a long unsigned one: its lower half counts.
    let ours = u64::from(segment.shm_perm.__key.cast_unsigned()) == key & u64::from(u32::MAX);
    if found && ours && segment.shm_nattch == 0 {
        // SAFETY: IPC_RMID takes no third argument; the segment is attached nowhere.
        unsafe { libc::shmctl(id, libc::IPC_RMID, std::ptr::null_mut()) };
    }
}

/// Other systems name the fields differently; the segment of 56 bytes stays until the next boot there.
#[cfg(not(target_os = "linux"))]
fn remove(_key: u64, _id: i32) {}
