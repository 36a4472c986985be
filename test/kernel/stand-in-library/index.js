exports.describeCell = (index) => `cell ${index}`;
