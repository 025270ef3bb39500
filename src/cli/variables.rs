//! Help with settings that cannot be read.

use clap::CommandFactory;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue};

use super::Cli;

/// Names the variable behind a flag whose value cannot be read: clap names the flag alone, which nobody may have typed.
pub(super) fn with_variable(mut error: clap::Error) -> clap::Error {
    let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg) else {
        return error;
    };
    let mut cli = Cli::command();
    cli.build();
    let variable = arguments(&cli).find(|argument| argument.to_string() == *flag).and_then(clap::Arg::get_env);
    if let Some(variable) = variable {
        let tip = StyledStr::from(format!("the variable {} sets it, too", variable.display()));
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
    }
    error
}

/// The arguments of a command and of all below it.
fn arguments(command: &clap::Command) -> Box<dyn Iterator<Item = &clap::Arg> + '_> {
    Box::new(command.get_arguments().chain(command.get_subcommands().flat_map(arguments)))
}
