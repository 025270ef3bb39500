-- The secret of the link, sealed: who may send an invitation again may have its link shown. Erased when the invitation is over, of a
-- withdrawn one when that cannot be undone any more.
ALTER TABLE invitations ADD COLUMN sealed_secret BLOB;
CREATE INDEX invitations_sealed ON invitations (closed_at) WHERE sealed_secret IS NOT NULL AND closed_at IS NOT NULL;
