// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

interface IPaymentRouter {
  function pay(address token, address recipient, uint256 amount, bytes32 paymentReference) external;
}

interface IApprove {
  function approve(address spender, uint256 amount) external returns (bool);

  function transfer(address to, uint256 amount) external returns (bool);
}

/// Pays with a token that calls its payer, and makes another payment or a transfer during that call.
contract ReentrantPayer {
  enum During {
    Nothing,
    Pay,
    Transfer
  }

  IPaymentRouter private immutable router;
  IApprove private immutable token;
  During private during;

  constructor(address router_, address token_) {
    router = IPaymentRouter(router_);
    token = IApprove(token_);
    token.approve(router_, type(uint256).max);
  }

  function pay(address recipient, uint256 amount, During during_) external {
    during = during_;
    router.pay(address(token), recipient, amount, bytes32(0));
  }

  function onTokensToSend(address to, uint256 amount) external {
    During now_ = during;
    during = During.Nothing;
    if (now_ == During.Pay) router.pay(address(token), to, amount, bytes32(0));
    if (now_ == During.Transfer) token.transfer(to, amount);
  }
}

/// Accepts the native currency and counts each receipt, which needs more gas than a transfer of 2300 gas leaves.
contract CountingRecipient {
  uint256 public receipts;

  receive() external payable {
    receipts++;
  }
}
