"""WeChatMomentStat: Moments of an Android device."""
