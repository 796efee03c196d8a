-- Long imports of orders: how far each has come, and the business day of an order found quickly.

CREATE TABLE order_import (
    file      text PRIMARY KEY,
    rows_done bigint NOT NULL,
    at        timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE order_import IS 'Imports under way, or killed: where the next attempt with the same file and settings goes on.';
COMMENT ON COLUMN order_import.file IS 'SHA-256 of the file and of how it is read.';

CREATE INDEX store_calendar_of_store ON store_calendar (store_id, opens_at);
