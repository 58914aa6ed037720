"""What a post in Moments says, in any store: XML, Android's protobuf, the iPhone's archive."""
