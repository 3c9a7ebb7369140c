//! Builds the web app with npm, so that the program carries it. Without npm the program still builds, and its page says what is missing.

use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    let web = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("web");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it")).join("web");
    for watched in [
        "build.rs",
        "web/index.html",
        "web/public",
        "web/package-lock.json",
        "web/vite.config.ts",
        "../../proto/gongzhi",
    ] {
        println!("cargo:rerun-if-changed={watched}");
    }
    // The clients are made of the contracts while the app is built: watched, they would have it built anew every time.
    for source in std::fs::read_dir(web.join("src")).expect("the app has sources").flatten() {
        let name = source.file_name();
        if name != "gen" {
            println!("cargo:rerun-if-changed=web/src/{}", name.to_string_lossy());
        }
    }
    println!("cargo:rerun-if-env-changed=GONGZHI_WITHOUT_WEB");
    std::fs::create_dir_all(&out).expect("the build folder can be written");
    let built = if std::env::var_os("GONGZHI_WITHOUT_WEB").is_some() {
        Err("GONGZHI_WITHOUT_WEB is set".to_owned())
    } else {
        build(&web, &out)
    };
    if let Err(why) = built {
        println!("cargo:warning=the web app was not built: {why}");
        std::fs::write(out.join("index.html"), missing(&why)).expect("the build folder can be written");
    }
}

fn build(web: &Path, out: &Path) -> Result<(), String> {
    // What is installed is installed anew only when the lock file is newer.
    let stamp = |path: &Path| path.metadata().and_then(|meta| meta.modified()).ok();
    if stamp(&web.join("node_modules/.package-lock.json")) < stamp(&web.join("package-lock.json")) {
        npm(web, &["ci", "--no-audit", "--no-fund", "--loglevel=error"])?;
    }
    let out = out.to_str().ok_or("the build folder has no name in UTF-8")?;
    npm(web, &["run", "build", "--", "--outDir", out, "--emptyOutDir", "--logLevel", "error"])
}

fn npm(web: &Path, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new("npm")
        .args(arguments)
        .current_dir(web)
        .output()
        .map_err(|error| format!("npm cannot be run ({error}); install Node.js 20.19 or newer"))?;
    if output.status.success() {
        return Ok(());
    }
    let told =
        String::from_utf8_lossy(&output.stderr).trim().lines().last().unwrap_or("no reason given").to_owned();
    Err(format!("npm {} failed: {told}", arguments.join(" ")))
}

fn missing(why: &str) -> String {
    let why = why.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>共治</title><body style=\"font-family:sans-serif;margin:3rem\"><h1>共治 Gongzhi</h1>\
         <p>网页应用未构建:请安装 Node.js 20.19 或更新版本,再重新构建本程序。</p><p>The web app was not built: install Node.js 20.19 or newer and build this program again.</p><pre>{why}</pre></body></html>"
    )
}
