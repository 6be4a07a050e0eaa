"""The whole product as a visitor meets it: the demo catalog on real servers, in a real browser."""
