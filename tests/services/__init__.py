"""Services the tests run against: real ones, fetched by ``make services``, started by fixtures."""
