"""Words that no report, page or message of the program may use."""

import re

FORBIDDEN = re.compile(
    r"伪造|篡改|故意删除|隐匿|造假|完整无缺|真实有效|证明|\bforge|\btamper|deleted on purpose|\bcomplete\b|authentic|\bgenuine|\bguilt|honest",
    re.IGNORECASE,
)
