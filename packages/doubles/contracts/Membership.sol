// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {ERC721Burnable} from "@openzeppelin/contracts/token/ERC721/extensions/ERC721Burnable.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IERC721Receiver} from "@openzeppelin/contracts/token/ERC721/IERC721Receiver.sol";

/// An ERC-721 membership that anyone can mint.
contract Membership is ERC721("Membership", "MEMBER"), ERC721Burnable {
  function mint(address to, uint256 tokenId) external {
    _mint(to, tokenId);
  }
}

/// Holds ERC-721 tokens and returns each one to the account that deposited the token.
contract Escrow is IERC721Receiver {
  mapping(address collection => mapping(uint256 tokenId => address)) public depositor;

  function onERC721Received(
    address,
    address from,
    uint256 tokenId,
    bytes calldata
  ) external override returns (bytes4) {
    depositor[msg.sender][tokenId] = from;
    return IERC721Receiver.onERC721Received.selector;
  }

  function withdraw(IERC721 collection, uint256 tokenId) external {
    require(depositor[address(collection)][tokenId] == msg.sender, "Escrow: not the depositor");
    delete depositor[address(collection)][tokenId];
    collection.safeTransferFrom(address(this), msg.sender, tokenId);
  }
}
