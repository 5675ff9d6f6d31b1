// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// Passes payments on from the payer to a recipient, and records the reference of each payment as an event.
///
/// The router has no owner, no storage and no upgrade, and each function passes on all money within its transaction.
/// The recipient is an argument. Therefore one router serves each installation on a chain, and an installation changes
/// its treasury without a new deployment.
///
/// Anyone can call the router with any token and any recipient. A reader of `Paid` must compare the emitter, the token
/// and the recipient with its own configuration. The payer is the caller: a contract wallet pays as itself, whoever
/// sends the transaction.
///
/// Money that is sent to the router outside these functions is lost: a plain transfer of the native currency is
/// refused, but a token transfer or a self-destructing contract cannot be refused.
contract PaymentRouter is ReentrancyGuardTransient {
  using SafeERC20 for IERC20;

  /// The recipient has the place of the recipient in the `Transfer` event of ERC-20, so one filter of a node finds both.
  /// @param token The zero address for the native currency.
  /// @param amount The amount that the recipient received, in the smallest unit of the token.
  event Paid(
    bytes32 indexed paymentReference,
    address indexed recipient,
    address indexed payer,
    address token,
    uint256 amount
  );

  /// The amount is zero, or nothing reached the recipient.
  error NothingPaid();

  /// The recipient is the zero address or the router.
  error InvalidRecipient(address recipient);

  /// Transfers an ERC-20 token from the caller to the recipient. The caller has to approve the router first.
  ///
  /// The event has the increase of the recipient's balance, because a token may keep a fee. The increase is capped at
  /// `amount`: a token that calls the payer during the transfer could let the payer make an ordinary transfer, which
  /// has its own event. The guard refuses a payment within a payment, which would otherwise count twice.
  function pay(
    IERC20 token,
    address recipient,
    uint256 amount,
    bytes32 paymentReference
  ) external nonReentrant {
    _requireRecipient(recipient);
    uint256 before = token.balanceOf(recipient);
    token.safeTransferFrom(msg.sender, recipient, amount);
    uint256 current = token.balanceOf(recipient);
    uint256 received = current > before ? current - before : 0;
    if (received > amount) received = amount;
    if (received == 0) revert NothingPaid();
    emit Paid(paymentReference, recipient, msg.sender, address(token), received);
  }

  /// Passes on the whole value of the call. The recipient may be a contract: the call passes on all remaining gas.
  function payNative(address recipient, bytes32 paymentReference) external payable {
    _requireRecipient(recipient);
    if (msg.value == 0) revert NothingPaid();
    emit Paid(paymentReference, recipient, msg.sender, address(0), msg.value);
    Address.sendValue(payable(recipient), msg.value);
  }

  function _requireRecipient(address recipient) private view {
    if (recipient == address(0) || recipient == address(this)) revert InvalidRecipient(recipient);
  }
}
