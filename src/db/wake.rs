//! A bell between transactions and what works in the background: whoever waits for work is told at once that there is some.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct Wake {
    ring: SyncSender<()>,
    rung: Arc<Mutex<Receiver<()>>>,
}

impl Default for Wake {
    fn default() -> Self {
        let (ring, rung) = sync_channel(1);
        Self { ring, rung: Arc::new(Mutex::new(rung)) }
    }
}

impl Wake {
    /// Tells that there is work.
    pub fn ring(&self) {
        // A full channel means that it was told already.
        let _ = self.ring.try_send(());
    }

    /// Waits until there is work, or until `at_most` is over.
    pub fn wait(&self, at_most: Duration) {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = rung.recv_timeout(at_most);
    }
}
