// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// A wallet of one owner, as EIP-1271 has it: judges the hash as it is given.
contract OwnedWallet {
  address public owner;

  constructor(address owner_) {
    owner = owner_;
  }

  function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
    if (signature.length != 65) return 0xffffffff;
    address signer = ecrecover(
      hash,
      uint8(signature[64]),
      bytes32(signature[0:32]),
      bytes32(signature[32:64])
    );
    return signer != address(0) && signer == owner ? bytes4(0x1626ba7e) : bytes4(0xffffffff);
  }
}

/// A wallet that anybody can take over.
contract OpenWallet is OwnedWallet {
  constructor(address owner_) OwnedWallet(owner_) {}

  function setOwner(address owner_) external {
    owner = owner_;
  }
}

/// Deploys wallets at addresses that are known before (CREATE2, EIP-1014).
contract WalletFactory {
  function deploy(address owner, bytes32 salt) external returns (address) {
    return address(new OwnedWallet{salt: salt}(owner));
  }

  function deployPermissive(bytes32 salt) external returns (address) {
    return address(new PermissiveWallet{salt: salt}());
  }
}

/// Answers any call with the same bytes.
contract Answering {
  bytes answer;

  constructor(bytes memory answer_) {
    answer = answer_;
  }

  fallback(bytes calldata) external returns (bytes memory) {
    return answer;
  }
}

/// Accepts every signature, whoever's storage it works on.
contract PermissiveWallet {
  function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
    return 0x1626ba7e;
  }
}

/// Answers any call with what it was called with.
contract Echoing {
  fallback(bytes calldata input) external returns (bytes memory) {
    return input;
  }
}

contract Reverting {
  fallback() external {
    revert("no signature is good enough");
  }
}

contract Looping {
  fallback() external {
    assembly {
      for {} 1 {} {}
    }
  }
}

contract Halting {
  fallback() external {
    assembly {
      invalid()
    }
  }
}
