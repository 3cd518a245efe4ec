"""Protobuf: descriptors of messages, and what is read and written by them."""
