// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// An ERC-20 token of which anyone can mint any amount.
contract TestToken is ERC20 {
  uint8 private immutable _decimals;

  constructor(string memory name_, string memory symbol_, uint8 decimals_) ERC20(name_, symbol_) {
    _decimals = decimals_;
  }

  function decimals() public view virtual override returns (uint8) {
    return _decimals;
  }

  function mint(address to, uint256 amount) external {
    _mint(to, amount);
  }
}

/// A token like USDC: 6 decimals, EIP-2612 permits, a pause and a blocklist. Anyone can operate each switch.
contract TestUsdc is TestToken("USD Coin", "USDC", 6), ERC20Permit("USD Coin") {
  bool public paused;
  mapping(address account => bool) public isBlacklisted;

  function decimals() public view override(ERC20, TestToken) returns (uint8) {
    return TestToken.decimals();
  }

  function version() external view returns (string memory) {
    return _EIP712Version();
  }

  function setPaused(bool paused_) external {
    paused = paused_;
  }

  function setBlacklisted(address account, bool blacklisted) external {
    isBlacklisted[account] = blacklisted;
  }

  function _update(address from, address to, uint256 amount) internal override {
    require(!paused, "Pausable: paused");
    bool isBlocked = isBlacklisted[from] || isBlacklisted[to] || isBlacklisted[msg.sender];
    require(!isBlocked, "Blacklistable: account is blacklisted");
    super._update(from, to, amount);
  }
}

/// Burns one hundredth of each transfer.
contract FeeToken is TestToken("Fee Token", "FEE", 18) {
  function _update(address from, address to, uint256 amount) internal override {
    uint256 fee = from == address(0) || to == address(0) ? 0 : amount / 100;
    if (fee > 0) super._update(from, address(0), fee);
    super._update(from, to, amount - fee);
  }
}

interface ITransferHook {
  /// The token calls the payer before the balances change.
  function onTokensToSend(address to, uint256 amount) external;
}

/// Calls a payer that is a contract before each transfer, as ERC-777 does.
contract HookToken is TestToken("Hook Token", "HOOK", 18) {
  function _update(address from, address to, uint256 amount) internal override {
    if (from.code.length > 0) ITransferHook(from).onTokensToSend(to, amount);
    super._update(from, to, amount);
  }
}

/// A token like USDT on Ethereum: functions return nothing, and an allowance changes only to or from zero.
contract TestUsdt {
  string public constant name = "Tether USD";
  string public constant symbol = "USDT";
  uint8 public constant decimals = 6;
  uint256 public totalSupply;
  mapping(address account => uint256) public balanceOf;
  mapping(address owner => mapping(address spender => uint256)) public allowance;

  event Transfer(address indexed from, address indexed to, uint256 value);
  event Approval(address indexed owner, address indexed spender, uint256 value);

  function mint(address to, uint256 amount) external {
    totalSupply += amount;
    balanceOf[to] += amount;
    emit Transfer(address(0), to, amount);
  }

  function approve(address spender, uint256 amount) external {
    require(amount == 0 || allowance[msg.sender][spender] == 0);
    allowance[msg.sender][spender] = amount;
    emit Approval(msg.sender, spender, amount);
  }

  function transfer(address to, uint256 amount) external {
    _transfer(msg.sender, to, amount);
  }

  function transferFrom(address from, address to, uint256 amount) external {
    if (allowance[from][msg.sender] != type(uint256).max) allowance[from][msg.sender] -= amount;
    _transfer(from, to, amount);
  }

  function _transfer(address from, address to, uint256 amount) private {
    balanceOf[from] -= amount;
    balanceOf[to] += amount;
    emit Transfer(from, to, amount);
  }
}
