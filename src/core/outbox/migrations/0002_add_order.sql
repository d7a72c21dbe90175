-- order_key: messages of one order are delivered one after the other; '' = in no order. A dead letter holds nobody up.
ALTER TABLE outbox_message ADD COLUMN order_key TEXT NOT NULL DEFAULT '';
CREATE INDEX outbox_message_order ON outbox_message (order_key, id) WHERE order_key <> '' AND state = 'waiting';
CREATE INDEX outbox_message_dead ON outbox_message (settled_at, id) WHERE state = 'dead';
