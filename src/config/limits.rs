//! How often what may be done: a flag and a variable for each limit of [`crate::rates`].

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, value_parser};
use strum::IntoEnumIterator;

use crate::rates::{Limit, Limits, Rate};

/// The flags `--limit-…`.
#[derive(Clone, Debug, Default)]
pub struct LimitArgs(pub Limits);

impl Args for LimitArgs {
    fn augment_args(command: Command) -> Command {
        command.next_help_heading("Limits").args(Limit::iter().map(|limit| {
            let (default, what) = limit.table();
            let name = format!("limit-{}", limit.name());
            let help = format!("How many {what}");
            Arg::new(name.clone())
                .long(name)
                .env(limit.variable())
                .default_value(default.to_string())
                .value_name("RATE")
                .value_parser(value_parser!(Rate))
                .help(help)
        }))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for LimitArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut args = Self::default();
        args.update_from_arg_matches(matches)?;
        Ok(args)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for limit in Limit::iter() {
            if let Some(rate) = matches.get_one::<Rate>(&format!("limit-{}", limit.name())) {
                self.0 = self.0.clone().with(limit, *rate);
            }
        }
        Ok(())
    }
}
