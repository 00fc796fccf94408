-- Of several resends of one dead letter at once, only one sends it.

alter table dead_letters
  -- Until when the letter belongs to one of them; when that has ended, the time at which it did.
  add column resending_until timestamptz;
