//! `mifeng keys root …`: a new root key, everything written again under it, the old one taken out. With the server stopped.

use super::{
    super::{
        Outcome,
        serve::{believed_day, offline},
    },
    alone::may_write_over,
};
use crate::{
    config::{check_private, file},
    store::at_rest::RootKeys,
};
use clap::Subcommand;
use std::{
    fs::{File, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

#[derive(Subcommand)]
pub enum Command {
    /// Draw a new root key; from now on it writes, and the old ones read
    New {
        /// Without it the folder MIFENG_KEYS names, or `keys`
        #[arg(long)]
        keys: Option<PathBuf>,
    },
    /// Write everything again that lies under an older root key; may be run again after a break
    Rewrap,
    /// Take the older root keys out of root.key, once nothing that can be read lies under them
    Retire,
}

pub fn run(command: Command) -> Outcome {
    // Before a key is drawn, too, that nothing could be written again under.
    may_write_over()?;
    match command {
        Command::New { keys } => new(&super::key_folder(keys)),
        Command::Rewrap => rewrap().map(drop),
        Command::Retire => {
            let (folder, _) = rewrap()?;
            // It took a while.
            may_write_over()?;
            retire(&folder.join(file::ROOT))
        }
    }
}

fn new(keys: &Path) -> Outcome {
    let path = keys.join(file::ROOT);
    let old = read(&path)?;
    let drawn = RootKeys::draw_file(&mut rand::rng());
    let text = Zeroizing::new(format!("{}{}", *drawn, *old));
    let id = RootKeys::parse(&text)?.ids()[0];
    write(&path, &text)?;
    println!(
        "{}: root key {} writes from now on. Back this folder up, then: mifeng keys root rewrap",
        path.display(),
        hex::encode(id.0)
    );
    Ok(())
}

/// Gives the key folder, and how many values of forgotten reports still lie under an older key.
fn rewrap() -> Result<(PathBuf, usize), Box<dyn std::error::Error>> {
    let (config, keys, store) = offline()?;
    // What a clock in doubt takes for forgotten would be lost with the old key.
    believed_day(&store)?;
    let writing = keys.root.ids()[0];
    let done = store.rewrap(writing, |written| println!("{written} values written again"))?;
    println!("everything that can be read lies under root key {}", hex::encode(writing.0));
    if done.forgotten > 0 {
        println!("{} values of forgotten reports stay as they lie: no key opens them", done.forgotten);
    }
    Ok((config.keys, done.forgotten))
}

fn retire(path: &Path) -> Outcome {
    let text = read(path)?;
    let writes =
        text.lines().find(|line| line.trim().starts_with("mifeng-root-")).ok_or("root.key holds no key")?;
    let text = Zeroizing::new(format!("{}\n", writes.trim()));
    RootKeys::parse(&text)?;
    write(path, &text)?;
    println!(
        "{}: one root key is left. A backup of the data from before opens with a backup of the keys from before alone",
        path.display()
    );
    Ok(())
}

fn read(path: &Path) -> Result<Zeroizing<String>, Box<dyn std::error::Error>> {
    let text =
        std::fs::read_to_string(path).map(Zeroizing::new).map_err(|e| format!("{}: {e}", path.display()))?;
    check_private(path)?;
    Ok(text)
}

/// Aside, on the disk, then in its place: there is never a moment without the key that was there.
fn write(path: &Path, text: &str) -> Outcome {
    let aside = path.with_extension("key.new");
    let all = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&aside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&aside, path)?;
        File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
    };
    all().map_err(|e| format!("{}: {e}", path.display()).into())
}
