// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// The allowances of Permit2, with its functions, events, errors and EIP-712 types. The contract has no immutable
/// values, so that its code also works at the address of Permit2.
///
/// The contract differs from Permit2 in three ways: there is no SignatureTransfer and no batch; a signature has 65
/// bytes; and each signature that does not match is InvalidSigner.
contract AllowanceTransfer {
  using SafeERC20 for IERC20;

  struct PackedAllowance {
    uint160 amount;
    uint48 expiration;
    uint48 nonce;
  }

  struct PermitDetails {
    address token;
    uint160 amount;
    uint48 expiration;
    uint48 nonce;
  }

  struct PermitSingle {
    PermitDetails details;
    address spender;
    uint256 sigDeadline;
  }

  struct TokenSpenderPair {
    address token;
    address spender;
  }

  event Approval(
    address indexed owner,
    address indexed token,
    address indexed spender,
    uint160 amount,
    uint48 expiration
  );
  event Permit(
    address indexed owner,
    address indexed token,
    address indexed spender,
    uint160 amount,
    uint48 expiration,
    uint48 nonce
  );
  event Lockdown(address indexed owner, address token, address spender);
  event NonceInvalidation(
    address indexed owner,
    address indexed token,
    address indexed spender,
    uint48 newNonce,
    uint48 oldNonce
  );

  error AllowanceExpired(uint256 deadline);
  error InsufficientAllowance(uint256 amount);
  error ExcessiveInvalidation();
  error SignatureExpired(uint256 signatureDeadline);
  error InvalidNonce();
  error InvalidSigner();

  bytes32 private constant DETAILS_TYPEHASH =
    keccak256("PermitDetails(address token,uint160 amount,uint48 expiration,uint48 nonce)");
  bytes32 private constant PERMIT_TYPEHASH =
    keccak256(
      "PermitSingle(PermitDetails details,address spender,uint256 sigDeadline)PermitDetails(address token,uint160 amount,uint48 expiration,uint48 nonce)"
    );

  mapping(address owner => mapping(address token => mapping(address spender => PackedAllowance))) public allowance;

  function DOMAIN_SEPARATOR() public view returns (bytes32) {
    return
      keccak256(
        abi.encode(
          keccak256("EIP712Domain(string name,uint256 chainId,address verifyingContract)"),
          keccak256("Permit2"),
          block.chainid,
          address(this)
        )
      );
  }

  function approve(address token, address spender, uint160 amount, uint48 expiration) external {
    _allow(allowance[msg.sender][token][spender], amount, expiration);
    emit Approval(msg.sender, token, spender, amount, expiration);
  }

  function permit(address owner, PermitSingle calldata permitSingle, bytes calldata signature) external {
    if (block.timestamp > permitSingle.sigDeadline) revert SignatureExpired(permitSingle.sigDeadline);
    PermitDetails calldata details = permitSingle.details;
    bytes32 content = keccak256(
      abi.encode(
        PERMIT_TYPEHASH,
        keccak256(abi.encode(DETAILS_TYPEHASH, details.token, details.amount, details.expiration, details.nonce)),
        permitSingle.spender,
        permitSingle.sigDeadline
      )
    );
    bytes32 digest = keccak256(abi.encodePacked("\x19\x01", DOMAIN_SEPARATOR(), content));
    if (!SignatureChecker.isValidSignatureNow(owner, digest, signature)) revert InvalidSigner();
    PackedAllowance storage allowed = allowance[owner][details.token][permitSingle.spender];
    if (allowed.nonce != details.nonce) revert InvalidNonce();
    allowed.nonce = details.nonce + 1;
    _allow(allowed, details.amount, details.expiration);
    emit Permit(owner, details.token, permitSingle.spender, details.amount, details.expiration, details.nonce);
  }

  function transferFrom(address from, address to, uint160 amount, address token) external {
    PackedAllowance storage allowed = allowance[from][token][msg.sender];
    if (block.timestamp > allowed.expiration) revert AllowanceExpired(allowed.expiration);
    if (allowed.amount != type(uint160).max) {
      if (amount > allowed.amount) revert InsufficientAllowance(allowed.amount);
      allowed.amount -= amount;
    }
    IERC20(token).safeTransferFrom(from, to, amount);
  }

  function lockdown(TokenSpenderPair[] calldata approvals) external {
    for (uint256 i = 0; i < approvals.length; i++) {
      allowance[msg.sender][approvals[i].token][approvals[i].spender].amount = 0;
      emit Lockdown(msg.sender, approvals[i].token, approvals[i].spender);
    }
  }

  function invalidateNonces(address token, address spender, uint48 newNonce) external {
    PackedAllowance storage allowed = allowance[msg.sender][token][spender];
    uint48 oldNonce = allowed.nonce;
    if (newNonce <= oldNonce) revert InvalidNonce();
    if (newNonce - oldNonce > type(uint16).max) revert ExcessiveInvalidation();
    allowed.nonce = newNonce;
    emit NonceInvalidation(msg.sender, token, spender, newNonce, oldNonce);
  }

  /// An expiration of zero means the end of this block.
  function _allow(PackedAllowance storage allowed, uint160 amount, uint48 expiration) private {
    allowed.amount = amount;
    allowed.expiration = expiration == 0 ? uint48(block.timestamp) : expiration;
  }
}
