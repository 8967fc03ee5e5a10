import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Frame } from '../../parts/frame.tsx';
import { ShopLinks } from '../../parts/shop-links.tsx';

interface EdgeFrameProps {
  readonly shop: string;
  readonly title: string;
  readonly children: ReactNode;
}

/** The pages about the edge, from each of them to the others. */
export function EdgeFrame({ shop, title, children }: EdgeFrameProps) {
  return (
    <Frame title={title}>
      <ShopLinks shop={shop} />
      <nav className="shop-links" aria-label="Parts of the edge">
        <Link to="/shops/$shop/edge" params={{ shop }} activeOptions={{ exact: true }}>
          Routes
        </Link>
        <Link to="/shops/$shop/edge/callers" params={{ shop }}>
          Keys and clients
        </Link>
        <Link to="/shops/$shop/edge/traffic" params={{ shop }}>
          Traffic
        </Link>
        <Link to="/shops/$shop/edge/calls" params={{ shop }}>
          Calls to third parties
        </Link>
      </nav>
      {children}
    </Frame>
  );
}
