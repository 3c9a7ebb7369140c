//! `gongzhi config`: every setting, where it came from and what it is for.

use gongzhi_chassis::config::Shown;

/// Prints the settings as they were read; secrets are hidden by then.
pub(crate) fn print(shown: &[Shown]) {
    for setting in shown {
        println!("# {}", setting.what);
        println!("{}={}  # {}", setting.name, setting.value, setting.from);
    }
}
