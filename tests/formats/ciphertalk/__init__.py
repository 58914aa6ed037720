"""Tests of CipherTalk's forms."""
