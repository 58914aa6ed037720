"""What WeChat itself exports: e-mail, copied text, merged forwards."""
