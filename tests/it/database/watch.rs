//! Listening to the statements of one portal, through diesel's instrumentation of connections.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use portico::db::DatabaseUrl;

use crate::support::Portal;

type Heard = Arc<Mutex<Vec<String>>>;

/// Which database is listened to, by the address that its connections are made with.
static LISTENERS: Mutex<Option<HashMap<String, Heard>>> = Mutex::new(None);

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The ear of one connection.
#[derive(Default)]
struct Ear(Option<Heard>);

impl Instrumentation for Ear {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => {
                // The program adds its time limits to the address of a server.
                let listeners = held(&LISTENERS);
                let mut all = listeners.iter().flatten();
                self.0 = all.find(|(address, _)| url.starts_with(address.as_str())).map(|(_, heard)| heard.clone());
            }
            InstrumentationEvent::StartQuery { query, .. } => {
                if let Some(heard) = &self.0 {
                    let text = query.to_string();
                    let sql = text.split(" -- binds: ").next().unwrap_or_default();
                    held(heard).push(sql.trim().to_owned());
                }
            }
            _ => {}
        }
    }
}

/// A server on the database of a portal that is listened to.
pub struct Watched {
    pub portal: Portal,
    heard: Heard,
}

impl Watched {
    pub fn new(portal: &Portal) -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            set_default_instrumentation(|| Some(Box::new(Ear::default()))).expect("the instrumentation is set");
        });
        // Called by another name, so that what the test itself does through `portal` is not heard.
        let (address, url) = match portal.app.db.url() {
            DatabaseUrl::Sqlite(path) => {
                let file = path.file_name().expect("the database is a file");
                let path = path.with_file_name(".").join(file);
                (path.to_string_lossy().into_owned(), DatabaseUrl::Sqlite(path))
            }
            DatabaseUrl::Postgresql(url) => {
                let url = format!("{url}?application_name=watched");
                (url.clone(), DatabaseUrl::Postgresql(url))
            }
        };
        let heard = Heard::default();
        held(&LISTENERS).get_or_insert_default().insert(address, Arc::clone(&heard));
        let watched = Self { portal: portal.second_server_at(&url), heard };
        assert!(!watched.take_all().is_empty(), "setting a connection up is heard");
        watched
    }

    /// What was run since the last time, as the database got it.
    fn take_all(&self) -> Vec<String> {
        std::mem::take(&mut *held(&self.heard))
    }

    /// The same without what surrounds statements: transactions, savepoints, the pool's own questions and the settings of new
    /// connections.
    pub fn take(&self) -> Vec<String> {
        let is_work = |sql: &String| {
            // What is united with something else stands in parentheses.
            let first = sql.trim_start_matches('(').split([' ', ';']).next().unwrap_or_default().to_uppercase();
            matches!(first.as_str(), "SELECT" | "INSERT" | "UPDATE" | "DELETE") && sql != "SELECT 1"
        };
        self.take_all().into_iter().filter(is_work).collect()
    }
}
