"""WeChat for iPhone, from its folders or from a phone backup."""
