//! What only a real browser can show: the whole story with and without JavaScript, the keyboard, accessibility, and the small
//! behaviours of `static/js`.

mod accessibility;
mod autosave;
mod buying;
mod habits;
mod interrupted;
mod inviting;
mod keyboard;
mod navigation;
mod passkeys;
mod people;
mod story;
mod tabs;
mod two_factor;
