//! Starts both parts, tells their addresses and holds them until the end of its input: a private database and bus
//! to look at with psql and the like. With a directory as its argument the data stay.

use std::io::Read;
use std::time::Instant;

use gongzhi_embedded::{Embedded, Options, Part, Parts};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let begin = Instant::now();
    let parts = Parts::find(&Part::ALL, None, |line| println!("{line}"))?;
    for program in parts.programs() {
        println!("{} {}", program.path.display(), program.version);
    }
    println!("found in {:?}", begin.elapsed());
    let begin = Instant::now();
    let options = std::env::args().nth(1).map_or_else(Options::temporary, Options::lasting);
    let embedded = Embedded::start(&parts, options)?;
    println!("ready in {:?}, run by {}", begin.elapsed(), parts.account().unwrap_or("the caller"));
    println!("{}\n{}", embedded.database_url("postgres"), embedded.nats_url());
    std::io::stdin().read_to_end(&mut Vec::new())?;
    let begin = Instant::now();
    embedded.stop()?;
    println!("stopped in {:?}", begin.elapsed());
    Ok(())
}
