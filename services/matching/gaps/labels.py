"""How classes and rules are called in Chinese."""

from services.matching.engine.plan import Rule, SpendClass

CLASS_LABELS: dict[SpendClass, str] = {
    SpendClass.EXCLUDED: "剔除",
    SpendClass.LOCAL_NOW: "现已本地",
    SpendClass.APPROVED: "已批准",
    SpendClass.SUGGESTED: "本次建议",
    SpendClass.UNKNOWN_NOT_MOVED: "来源不明且未转移",
    SpendClass.NOT_RELEASED: "链主未释放",
    SpendClass.KEPT_BY_CAP: "受单家上限所限",
    SpendClass.BELOW_MINIMUM: "不足最低份额",
    SpendClass.CAPACITY_TAKEN: "产能已被占用",
    SpendClass.NEAR_CERTIFICATE: "一步之遥：缺证书",
    SpendClass.NEAR_PARAMETER: "一步之遥：参数不符",
    SpendClass.NEAR_MOQ: "一步之遥：起订量过高",
    SpendClass.NEAR_LEAD_TIME: "一步之遥：交期过长",
    SpendClass.NEAR_PRICE: "一步之遥：报价过高",
    SpendClass.ONE_OTHER_RULE: "另有一条不符",
    SpendClass.SEVERAL_RULES: "多条不符",
    SpendClass.NO_CANDIDATE: "没有候选",
}

RULE_LABELS: dict[Rule, str] = {
    Rule.VERIFIED: "企业未核验或已停用",
    Rule.NOT_SELF: "即链主自身",
    Rule.NOT_RELATED: "与链主有股权关联",
    Rule.NOT_IN_FULL: "已全部供应该零部件",
    Rule.LOCALITY: "不在本地范围内",
    Rule.DISTANCE: "超出距离上限",
    Rule.CERTIFICATE: "缺所需证书",
    Rule.PARAMETER: "参数不符",
    Rule.UNIT: "计量单位不能换算",
    Rule.MOQ: "起订量过高",
    Rule.LEAD_TIME: "交期过长",
    Rule.PRICE: "报价超过限价",
    Rule.COOL_OFF: "近期被否决",
    Rule.BLACKLISTED: "链主不采用",
}
