-- What somebody asked to have of everything that is stored about them: see src/privacy/exports.rs.
CREATE TABLE data_exports (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id),
    asked_at TIMESTAMP NOT NULL,
    -- Until it is ready, until when it is waited for; then until when it can be downloaded.
    expires_at TIMESTAMP NOT NULL,
    token_hash TEXT,
    -- Compressed, then sealed.
    content BYTEA
);
CREATE UNIQUE INDEX data_exports_token_hash ON data_exports (token_hash) WHERE token_hash IS NOT NULL;
CREATE INDEX data_exports_expires_at ON data_exports (expires_at);
-- What is stored about a person is found by the person.
CREATE INDEX invitations_inviter ON invitations (invited_by);
CREATE INDEX invitations_email ON invitations (email);
CREATE INDEX invitation_blocks_email ON invitation_blocks (email);
CREATE INDEX licence_seats_holder ON licence_seats (user_id);
CREATE INDEX licence_grants_holder ON licence_grants (user_id);
CREATE INDEX notification_choices_user ON notification_choices (user_id);
CREATE INDEX notification_mails_user ON notification_mails (user_id);
CREATE INDEX notification_recipients_address ON notification_recipients (email);
CREATE INDEX orders_placed_by ON orders (placed_by);
CREATE INDEX outbox_recipient ON outbox (recipient);
CREATE INDEX payment_method_pages_opened_by ON payment_method_pages (opened_by);
CREATE INDEX removals_removed_by ON removals (removed_by);
