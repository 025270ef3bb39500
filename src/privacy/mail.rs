//! What people are told about their data.

use crate::mail::message;
use crate::time::Timestamp;

/// Everything that is stored about them can be downloaded.
#[derive(Clone, Debug)]
pub struct DataExport {
    pub first_name: String,
    pub link: String,
    pub expires: Timestamp,
}
message!(
    DataExport, "data_export", Waiting:
    "mail/data_export/subject.txt", "mail/data_export/body.txt", "mail/data_export/body.html"
);
