//! `mifeng staff …`: the first administrator, and whoever locked themselves out. The server must be stopped;
//! everybody else is made in the console.

use super::{Outcome, serve};
use crate::{
    config::{Config, Mode, ServerKeys},
    ids::StaffId,
    policy::{Policy, Role},
    staff::{
        hash_password, new_code_secret, setup_address,
        sign_in::{attempts_key, own_attempts_key},
    },
    store::{Account, Staff},
};
use clap::Subcommand;
use rand::{CryptoRng, RngExt};
use zeroize::Zeroizing;

#[derive(Subcommand)]
pub enum Command {
    /// Make an administrator's account and print its password and one-time code secret, once
    Administrator {
        /// Log-in name: small letters, digits, dots, dashes
        login: String,
        /// As others see it
        #[arg(long)]
        name: String,
        /// The body whose staff they look after, a code of policy/bodies.toml; without it the one above all others
        #[arg(long, default_value = "")]
        body: String,
    },
    /// Give an account a new password and a new one-time code secret, and print them, once
    Reset { login: String },
}

pub fn run(command: Command) -> Outcome {
    // Demo keys are no reason to refuse: nobody is served here.
    let config = Config::read(Mode::Demo, |name| std::env::var(name).ok())?;
    let keys = ServerKeys::load(&config.keys, config.mode)?;
    let policy = Policy::load(&config.policy)?;
    let store = serve::open_store(&config, &keys, serve::database(&config)?, serve::objects(&config)?)?;
    let login = match &command {
        Command::Administrator { login, .. } | Command::Reset { login } => login.clone(),
    };
    let old = store.account(&StaffId(login.clone()))?;
    let mut account = match command {
        Command::Administrator { login, name, body } => {
            if !body.is_empty() && policy.bodies.get(&body).is_none() {
                return Err(format!("{body} is not a body of bodies.toml").into());
            }
            administrator(old, login, name, body)?
        }
        Command::Reset { login } => old.ok_or_else(|| format!("nobody is called {login}"))?,
    };
    let rng = &mut rand::rng();
    let password = password(rng);
    account.password = hash_password(&password, rng)?;
    account.totp_secret = new_code_secret(rng);
    account.must_change_password = true;
    // It was sealed under the old password; the office must sign the new one's public half.
    account.signing_key = None;
    account.ways.passkeys.clear();
    let address = setup_address(&policy.intake.service.name.en, &login, &account.totp_secret);
    store.put_account(account).wait()?;
    for key in [attempts_key(&login), own_attempts_key(&StaffId(login.clone()))] {
        store.clear_failures(&key).wait()?;
    }
    println!("log-in      {login}\npassword    {}\ncode secret {address}", *password);
    println!("Shown once. The password must be changed at the first sign-in.");
    Ok(())
}

fn administrator(old: Option<Account>, login: String, name: String, body: String) -> Result<Account, String> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
    if !(2..=32).contains(&login.len()) || !login.bytes().all(plain) {
        return Err("a log-in name has 2 to 32 small letters, digits, dots or dashes".into());
    }
    if old.is_some() {
        return Err(format!("{login} is taken; `mifeng staff reset {login}` gives a new password"));
    }
    Ok(Account {
        id: StaffId(login),
        name,
        roles: [Role::Administrator].into(),
        body,
        trustee: None,
        password: String::new(),
        totp_secret: String::new(),
        totp_step: 0,
        disabled: false,
        must_change_password: true,
        signing_key: None,
        ways: Default::default(),
    })
}

/// Four groups of four letters and digits that are not taken for one another: 80 bits.
pub fn password(rng: &mut impl CryptoRng) -> Zeroizing<String> {
    const SYMBOLS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut group = || (0..4).map(|_| char::from(SYMBOLS[rng.random_range(0..32_usize)])).collect::<String>();
    Zeroizing::new([group(), group(), group(), group()].join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_administrator_gets_that_role_alone_and_takes_nobody_s_place() {
        let made = administrator(None, "root.one".into(), "甲".into(), String::new()).unwrap();
        assert_eq!(made.roles, [Role::Administrator].into());
        assert!(made.must_change_password);
        assert!(
            administrator(Some(made), "root.one".into(), "乙".into(), String::new())
                .unwrap_err()
                .contains("reset")
        );
        for bad in ["", "a", "Upper", "有名", "with space", &"x".repeat(33)] {
            assert!(administrator(None, bad.into(), "甲".into(), String::new()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_drawn_password_is_long_enough_and_never_the_same() {
        let (one, other) = (password(&mut rand::rng()), password(&mut rand::rng()));
        assert_eq!(crate::staff::password_problem(&one), None);
        assert_ne!(*one, *other);
    }
}
