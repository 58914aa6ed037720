"""What a post in Moments says, whatever store held it: XML, Android's protobuf, the archive of the iPhone (wechat-moments 1)."""
