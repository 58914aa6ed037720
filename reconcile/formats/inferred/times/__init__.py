"""When each row was sent: columns of times, and days and clocks in lines of text."""
