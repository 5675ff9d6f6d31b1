// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {OwnedWallet} from "./Wallets.sol";

/// A contract wallet in the manner of ERC-4337: the owner or the entry point lets the wallet call other contracts.
///
/// The entry point checks no signatures: any account may have it execute an operation of any wallet.
contract SmartWallet is OwnedWallet {
  address public immutable entryPoint;

  constructor(address owner_, address entryPoint_) OwnedWallet(owner_) {
    entryPoint = entryPoint_;
  }

  receive() external payable {}

  function execute(address target, uint256 value, bytes calldata data) external {
    require(msg.sender == entryPoint || msg.sender == owner, "SmartWallet: not the owner or the entry point");
    _call(target, value, data);
  }

  function executeBatch(address[] calldata targets, bytes[] calldata data) external {
    require(msg.sender == entryPoint || msg.sender == owner, "SmartWallet: not the owner or the entry point");
    for (uint256 i = 0; i < targets.length; i++) _call(targets[i], 0, data[i]);
  }

  function _call(address target, uint256 value, bytes calldata data) private {
    (bool success, bytes memory result) = target.call{value: value}(data);
    if (!success) {
      assembly {
        revert(add(result, 32), mload(result))
      }
    }
  }
}

/// Executes operations of wallets for bundlers. A failed operation leaves the transaction successful, as in ERC-4337.
contract EntryPoint {
  struct Operation {
    address sender;
    bytes callData;
  }

  /// The event of ERC-4337's entry point.
  event UserOperationEvent(
    bytes32 indexed userOpHash,
    address indexed sender,
    address indexed paymaster,
    uint256 nonce,
    bool success,
    uint256 actualGasCost,
    uint256 actualGasUsed
  );

  mapping(address sender => uint256) public nonces;

  function handleOps(Operation[] calldata operations) external {
    for (uint256 i = 0; i < operations.length; i++) {
      Operation calldata operation = operations[i];
      uint256 nonce = nonces[operation.sender]++;
      bytes32 hash = keccak256(abi.encode(operation, nonce, address(this), block.chainid));
      uint256 gas = gasleft();
      (bool success, ) = operation.sender.call(operation.callData);
      uint256 used = gas - gasleft();
      emit UserOperationEvent(hash, operation.sender, address(0), nonce, success, used * tx.gasprice, used);
    }
  }
}
